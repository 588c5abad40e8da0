from psycopg import AsyncConnection


async def connect():
    return await AsyncConnection.connect("host=postgres")
