CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE TABLE articles (
  id serial PRIMARY KEY,
  author_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
