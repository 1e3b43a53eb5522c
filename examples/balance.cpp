// libpayout from C++17: the balance, with the handles owned by smart pointers.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <payout/payout.h>

int main()
{
    payout_client_options options{};
    options.size = sizeof options;
    options.base_url = std::getenv("PAYOUT_URL");
    options.apikey = std::getenv("PAYOUT_APIKEY");
    options.password = std::getenv("PAYOUT_PASSWORD");
    payout_client *opened = nullptr;
    if (payout_client_open(&options, &opened) != PAYOUT_CLIENT_DONE)
        return 2;
    std::unique_ptr<payout_client, decltype(&payout_client_close)> client(opened,
                                                                         payout_client_close);
    payout_result *got = nullptr;
    const payout_client_fault fault = payout_balance(client.get(), &got);
    std::unique_ptr<payout_result, decltype(&payout_result_free)> result(got, payout_result_free);
    if (fault != PAYOUT_CLIENT_DONE || result->code != PAYOUT_OK)
        return 1;
    std::cout << result->balances[0].available << '\n';
}
