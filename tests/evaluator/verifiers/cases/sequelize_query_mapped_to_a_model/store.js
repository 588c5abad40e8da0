import { Article, sequelize, SELECT } from './models.js';

export const all = () => sequelize.query('SELECT * FROM articles', { model: Article, mapToModel: true });
export const one = (id) => sequelize.query({ query: 'SELECT * FROM articles WHERE id = ?', values: [id] }, { type: SELECT });
export const probe = () => sequelize.query('PRAGMA foreign_keys = ON');
export const locks = () => sequelize.query('SELECT pg_advisory_lock(1)');
