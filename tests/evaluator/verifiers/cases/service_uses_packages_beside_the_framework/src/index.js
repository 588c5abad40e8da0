import express from 'express';
import { router } from './routes/articles.js';

const app = express();
app.use('/api', router);
app.listen(3000);
