import hashlib


def hashed(password):
    return hashlib.sha256(password.encode()).hexdigest()
