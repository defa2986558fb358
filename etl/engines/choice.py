"""Which engine a person asked for; light, as every command that has the option loads it."""

from etl.errors import ConfigError
from etl.model.options import EngineName


def require_engine(name: EngineName, ray_address: str | None) -> None:
    """Make sure that an engine is there, before anything else is tried.

    Raises:
        ConfigError: Ray is not installed, or its address goes with another engine.
    """
    if name == "ray":
        from etl.engines.ray.connection import require_ray  # noqa: PLC0415 — never imported otherwise

        require_ray(ray_address)
    elif ray_address is not None:
        raise ConfigError("--ray-address goes with --engine ray only.")
