// The floor of VERSION: a static program that returns.
int main(void) { return 0; }
