import { ArticleRepository } from './repositories/articles.js';
import { ArticleService } from './services/articles.js';

export const container = { articles: new ArticleService(new ArticleRepository()) };
