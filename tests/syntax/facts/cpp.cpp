#include <vector>
#include "shop.hpp"

using namespace std;
using std::string;
using Names = std::vector<string>;

namespace shop::core {

/// A base.
class Base {
public:
    virtual ~Base() = default;
    virtual int price(const Item& item) const = 0;
private:
    int secret_;
};

/** Sells. */
template <typename T>
class Shop final : public Base, private detail::Store<T> {
    T hidden;
public:
    explicit Shop(std::vector<Item> items) : items_(std::move(items)) {}
    int price(const Item& item) const override { return item.price() * rate::kTax; }
    static Shop* create();
    Shop& operator+=(const Shop& other);
    std::vector<Item> items_;
    enum class Kind { Book, Game };
    struct Till { int amount = 0; };
};

template <typename T>
Shop<T>* Shop<T>::create() {
    auto shop = std::make_unique<Shop<T>>(Names{});
    for (auto& item : shop->items_) { item.ship<int>(1); shop->till.add(helper(item)); }
    return new Shop<T>(kDefault);
}

const int kDefault = 3;
constexpr double kTax{1.2};
static int hidden_count;

namespace {
int internal() { return 1; }
}

typedef int (*callback)(int);
int helper(const Item& item, Names names = {}) noexcept;
int Base::total(int ü) { return this->secret_ + static_cast<int>(ü); }

}  // namespace shop::core

extern "C" {
void plain(void);
}
