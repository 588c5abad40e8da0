export default async function articles(app) {
  app.get('/one', (request) => app.pg.query('SELECT * FROM articles'));
  app.get('/two', (request) => request.server.pg.query(`select * from articles where slug = ${request.query.slug}`));
  app.get('/three', (request) => request.db.prepare('INSERT INTO seen (slug) VALUES (?)').run(request.query.slug));
  app.get('/four', (c) => c.get('db').all('select slug from articles'));
  app.get('/five', (request) => app.articles.query('newest first'));
}
