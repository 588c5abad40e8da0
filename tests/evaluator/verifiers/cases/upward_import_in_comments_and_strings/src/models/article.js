// import { all } from '../services/articles.js';
/* require('../routes/articles.js') */
export const note = "import x from '../routes/articles.js'";
export class Article {}
