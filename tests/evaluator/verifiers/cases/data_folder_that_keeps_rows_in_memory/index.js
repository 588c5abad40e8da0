const express = require('express');
const { router } = require('./handlers/articles');

express().use('/api', router).listen(3000);
