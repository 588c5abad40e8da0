from flask import Flask

from db import rows

app = Flask(__name__)


@app.get('/api/tags')
def tags():
    return rows()
