const express = require('express');
const { Pool } = require('pg');

const articles = new Map();
const app = express();
app.get('/api/articles', (request, response) => response.json([...articles.values()]));
app.listen(3000);
