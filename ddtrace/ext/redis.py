"""Tags of Redis commands."""

APP = "redis"
DEFAULT_SERVICE = "redis"

ARGS_LEN = "redis.args_length"
CLIENT_NAME = "redis.client_name"
CMD = "redis.command"
DB = "out.redis_db"
PIPELINE_AGE = "redis.pipeline_age"
PIPELINE_LEN = "redis.pipeline_length"
RAWCMD = "redis.raw_command"
