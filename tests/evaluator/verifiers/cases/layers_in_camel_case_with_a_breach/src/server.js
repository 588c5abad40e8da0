import express from 'express';
import { router } from './apiRoutes/articles.js';

express().use('/api', router).listen(3000);
