import express from 'express';
import { router } from './routes/articles';
import { source } from './database';

source.initialize().then(() => {
  const app = express();
  app.use('/api', router);
  app.listen(3000);
});
