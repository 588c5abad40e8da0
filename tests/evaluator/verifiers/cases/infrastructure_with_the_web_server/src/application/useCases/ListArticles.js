export class ListArticles {
  constructor(repository) {
    this.repository = repository;
  }

  run() {
    return this.repository.all();
  }
}
