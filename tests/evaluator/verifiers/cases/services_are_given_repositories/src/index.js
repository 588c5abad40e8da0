import express from 'express';
import { makeRouter } from './routes/articles.js';
import { container } from './container.js';

const app = express();
app.use('/api', makeRouter(container));
app.listen(3000);
