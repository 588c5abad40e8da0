print("one file")
