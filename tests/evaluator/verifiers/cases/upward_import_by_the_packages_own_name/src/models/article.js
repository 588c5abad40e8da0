import { listArticles } from '@acme/conduit/articles';

export class Article { list = listArticles; }
