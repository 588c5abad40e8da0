import { newest } from '../repositories/articles';

export function listArticles() {
  return newest();
}
