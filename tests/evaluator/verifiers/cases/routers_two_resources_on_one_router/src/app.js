const express = require('express');

const app = express();
app.use('/api', require('./routes/articles'));
app.listen(3000);
