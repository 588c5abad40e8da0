import express from 'express';
import { router } from '../../interfaces/controllers/articles.js';

express().use('/api', router).listen(3000);
