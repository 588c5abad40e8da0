import express from 'express';
import { router } from './routes/articles.js';

express().use('/api', router).listen(3000);
