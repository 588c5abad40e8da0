import express from 'express';

const app = express();
app.get('/api/articles', (request, response) => response.json([]));
app.listen(3000);
