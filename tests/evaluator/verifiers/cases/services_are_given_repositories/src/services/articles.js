export class ArticleService {
  constructor(repository) {
    this.repository = repository;
  }

  async query(filter) {
    return this.repository.findAll(filter);
  }
}
