import os


class Settings:
    jwt_secret: str = os.environ.get("JWT_SECRET", "change-me")


settings = Settings()
