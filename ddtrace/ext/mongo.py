"""Tags of MongoDB commands."""

COLLECTION = "mongodb.collection"
DB = "mongodb.db"
QUERY = "mongodb.query"
ROWS = "mongodb.rows"
SERVICE = "mongodb"
