export {} from '../models/article.js';
