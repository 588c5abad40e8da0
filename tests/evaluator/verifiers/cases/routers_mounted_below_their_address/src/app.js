import express from 'express';
import { articles } from './articles.js';

const app = express();
app.use('/api/articles', articles);
app.get('/api/health-check', (request, response) => response.json({}));
app.listen(3000);
