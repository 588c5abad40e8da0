const express = require('express');
const { Tag } = require('./models');

const app = express();
app.get('/api/tags', async (q, s) => s.json(await Tag.findAll()));
