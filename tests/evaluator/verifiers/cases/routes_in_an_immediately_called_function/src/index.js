const express = require('express');
const { router } = require('./routes/articles');

const app = express();
app.use('/api', router);
app.listen(3000);
