import axios from 'axios';
import express from 'express';

const app = express();
const client = axios.create({ baseURL: 'http://other' });
app.get('/api/articles', async (request, response) => {
  const users = await client.get('/users');
  const tags = await axios.get('/tags');
  response.json({ users, tags });
});
