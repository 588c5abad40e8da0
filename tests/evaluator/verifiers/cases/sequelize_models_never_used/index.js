import express from 'express';
import { sequelize, Article } from './models.js';

const rows = new Map();
const app = express();
Article.hasMany(Article);
app.get('/api/articles', (request, response) => response.json([...rows.values()]));
sequelize.sync().then(() => app.listen(3000));
