from pydantic import PostgresDsn
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    postgres_host: str = 'postgres'

    @property
    def database_url(self) -> str:
        return str(PostgresDsn.build(scheme='postgresql+asyncpg', host=self.postgres_host, path='conduit'))


settings = Settings()
