import express from 'express';
import { router } from './httpHandlers/articles.js';

express().use('/api', router).listen(3000);
