import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    host: str = os.getenv('DB_HOST', 'postgres')

    @property
    def address(self):
        return f'postgresql+psycopg2://user:password@{self.host}:5432/conduit'
