class Article {
  constructor(row) {
    this.slug = row.slug;
  }

  toJSON() {
    return { slug: this.slug };
  }
}

module.exports = { Article };
