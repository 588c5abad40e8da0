export { router } from '../routes/articles.js';
