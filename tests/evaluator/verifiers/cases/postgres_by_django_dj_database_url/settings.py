import dj_database_url

DATABASES = {"default": dj_database_url.config(default="postgres://user:password@postgres:5432/conduit")}
