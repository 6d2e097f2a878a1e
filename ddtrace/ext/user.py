"""Tags of the user on whose behalf a trace runs."""

EMAIL = "usr.email"
EXISTS = "usr.exists"
ID = "usr.id"
NAME = "usr.name"
ROLE = "usr.role"
SCOPE = "usr.scope"
SESSION_ID = "usr.session_id"
