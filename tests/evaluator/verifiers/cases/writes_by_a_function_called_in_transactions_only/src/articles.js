import Database from 'better-sqlite3';

const db = new Database('app.db');

export function create(article, tags) {
  return db.transaction(() => {
    const { lastInsertRowid } = db.prepare('INSERT INTO articles (title) VALUES (?)').run(article.title);
    replaceTags(lastInsertRowid, tags);
  })();
}

function replaceTags(id, tags) {
  db.prepare('DELETE FROM article_tags WHERE article_id = ?').run(id);
  tags.forEach((tag) => {
    db.prepare('INSERT INTO article_tags (article_id, tag) VALUES (?, ?)').run(id, tag);
  });
}
