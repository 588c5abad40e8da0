import os


class Settings:
    address: str = os.getenv("DATABASE_URL", "postgresql+psycopg://user:password@postgres:5432/conduit")


settings = Settings()
