from service_layer import articles


def rows():
    return [articles]
