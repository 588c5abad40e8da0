import { ArticleRepository } from './repositories/ArticleRepository.js';
import { ListArticles } from '../application/useCases/ListArticles.js';

export const listArticles = new ListArticles(new ArticleRepository());
