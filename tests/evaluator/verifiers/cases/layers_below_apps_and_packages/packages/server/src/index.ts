import express from 'express';
import { router } from './routes/articles';

express().use('/api', router).listen(3000);
