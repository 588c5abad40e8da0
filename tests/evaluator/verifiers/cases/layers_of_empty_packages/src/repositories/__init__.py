# TODO: move the storage here
