import express from 'express';
import { router } from './routes/articles.mjs';

express().use('/api', router).listen(3000);
