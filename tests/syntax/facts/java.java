package com.example.shop;

import java.util.List;
import java.util.Map.*;
import static org.junit.Assert.assertEquals;
import static java.lang.Math.*;

/**
 * Sells <b>things</b>.
 *
 * @author Somebody
 */
@Component
@Table(name = "shop")
public class Shop<T extends Item> extends Store<T> implements Seller, Map.Entry<String, T> {
    /** At most. */
    public static final int LIMIT = 10;
    private final List<Order> orders = new ArrayList<>();
    protected int first, second;

    public Shop(Stock stock) throws ShopException {
        super(stock);
        this.stock = stock;
    }

    // Sells one.
    @Override
    public <R> Optional<Order> sell(T item, Map<String, R> options) throws SoldOut {
        Order order = Order.of(item).with(options);
        for (Order other : orders) {
            other.ship(LIMIT, this.orders.size());
        }
        items.stream().map(Item::name).forEach(x -> log.info(x));
        if (item instanceof Book book) { return book.sell(); }
        return Optional.of(new Parcel(order));
    }

    void packed() {}

    private static class Till implements Closeable {
        int amount;
    }

    enum Kind { BOOK, GAME(2) { void play() {} }; Kind() {} int price() { return 1; } }
}

interface Seller extends Trader, Runnable {
    String NAME = "x";
    Order sell(Item item);
    default void close() { helper(); }
}

record Point(int x, Coordinate y) implements Shape {
    Point { check(x); }
}

@interface Marker { String value() default ""; }
