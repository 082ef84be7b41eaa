"""What differs between installations, read from the environment once."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", env_file=".env", extra="ignore")

    environment: Literal["development", "production", "test"] = "development"
    database_url: str
    secret_key: SecretStr = Field(min_length=32)
    allowed_origins: list[str] = []
    pool_size: int = 5
    access_token_minutes: int = 15
    refresh_token_days: int = 7
