<?php
declare(strict_types=1);

namespace Project\Shop;

use Project\Core\Store;
use Project\Core\{Item, Order as Sale};
use function Project\helper;
use const Project\LIMIT;
require_once __DIR__ . '/vendor/autoload.php';
include 'other.php';

const VERSION = '1.0';
define('OLD', 2);

/**
 * Sells things.
 */
#[Entity]
final class Shop extends Store implements Seller, \Countable
{
    use Logs, Counts;

    public const MAX = 10;
    private ?Stock $stock = null;
    protected static int $count;

    public function __construct(private readonly Mailer $mailer, string $name = self::MAX)
    {
        parent::__construct($name);
        $this->stock = new Stock($name);
    }

    // Sells one.
    public static function sell(Item|Book $item, Sale ...$sales): ?Order
    {
        $order = Order::create($item)->with(static::$count);
        foreach ($sales as $sale) { $this->mailer->send(helper($sale), LIMIT); }
        $names = array_map(fn(Item $x) => $x->name, $sales);
        return $item instanceof Book ? new \Other\Parcel(Kind::Game) : null;
    }

    private function secret(): void {}
}

interface Seller extends Trader { public function sell(Item $item): Order; }
trait Logs { abstract function log(string $ü); }
enum Kind: string implements Named { case Book = 'b'; case Game = 'g'; }
abstract class Base {}

function top(Item $item): bool { return \strlen($item) > 1; }
