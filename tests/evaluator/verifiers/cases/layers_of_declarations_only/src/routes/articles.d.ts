export declare function index(): void;
