import environ

env = environ.Env(DEBUG=(bool, False))
DATABASES = {'default': env.db('DATABASE_URL', default='postgres://user:password@postgres:5432/conduit')}
