COLUMNS = "slug, title"
BY_SLUG = f"SELECT {COLUMNS} FROM articles WHERE slug = %s"
